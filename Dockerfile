# The agent's image: two programs, the Node.js that runs them, nsenter, and the shared libraries that these need. No shell, no package manager.
#   docker build -t ghcr.io/kubectl-etcd/kubectl-etcd-agent:v0.1.0 .
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build
# The image's files in their places. The shared libraries are those the loader names, at the paths where it looks for them.
RUN set -eu; \
    mkdir -p /image/usr/bin /image/usr/local/bin /image/usr/local/lib/kubectl-etcd /image/tmp; \
    chmod 1777 /image/tmp; \
    cp "$(readlink -f "$(command -v node)")" /image/usr/local/bin/node; \
    cp /usr/bin/nsenter /image/usr/bin/nsenter; \
    { ldd /image/usr/local/bin/node; ldd /usr/bin/nsenter; } > /libraries; \
    sed -n 's|^\(.* => \)\{0,1\}[[:space:]]*\(/[^ ]*\) (0x.*|\2|p' /libraries | sort -u | while read -r library; do \
      mkdir -p "/image${library%/*}"; \
      cp -L "$library" "/image$library"; \
    done; \
    cd dist; \
    cp kubectl-etcd kubectl-etcd.cjs kubectl-etcd-agent kubectl-etcd-agent.cjs package.json THIRD-PARTY-NOTICES /image/usr/local/lib/kubectl-etcd/

FROM scratch
COPY --from=build /image /
ENV PATH=/usr/local/bin
ENTRYPOINT ["/usr/local/bin/node", "/usr/local/lib/kubectl-etcd/kubectl-etcd-agent.cjs"]
CMD ["serve"]
