/** Where the resident agent has its things, as the host knows them. */
export const unitName = 'kubectl-etcd-agent.service';
export const unitPath = `/etc/systemd/system/${unitName}`;
export const staticPodName = 'kubectl-etcd-resident';
export const staticPodFile = `${staticPodName}.yaml`;
export const commandLink = '/usr/local/bin/kubectl-etcd';

/** Within the state directory. */
export const programFolder = 'program';
export const currentLink = 'current';
export const environmentFile = 'agent.env';
export const accessFolder = 'access';

/** How the agent ends when it has been removed: systemd starts it again after any other end. */
export const removedExit = 86;
