import { currentLink, environmentFile, programFolder, removedExit } from './places.ts';

/** The unit of the resident agent. It needs nothing but the disk, and comes back after any end but its removal. */
export function unitText(stateDirectory: string): string {
  return `# Written by kubectl etcd install; kubectl etcd uninstall takes it away.
[Unit]
Description=Agent of kubectl etcd: reaches, saves and repairs the etcd of this node
After=network.target
StartLimitIntervalSec=0

[Service]
EnvironmentFile=-${stateDirectory}/${environmentFile}
ExecStart=${stateDirectory}/${programFolder}/${currentLink}/kubectl-etcd-agent serve
Restart=always
RestartSec=2
SuccessExitStatus=${removedExit}
RestartPreventExitStatus=${removedExit}
# Streams that are under way get time to end.
KillMode=mixed
TimeoutStopSec=30
# The last to be killed where memory runs out: it is there for bad days.
OOMScoreAdjust=-950
UMask=0077

[Install]
WantedBy=multi-user.target
`;
}

/** The file of the unit's variables: systemd reads a value in double quotes with C's escapes. */
export function environmentText(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}="${value.replaceAll(/[\\"$\`]/g, '\\$&')}"\n`)
    .join('');
}
