import type { Step, StepKind, StepOf } from '../../core/operation/steps.ts';
import { buildStep } from './build.ts';
import { canaryStep } from './canary.ts';
import { catchUpStep } from './catch-up.ts';
import { checkStep } from './check.ts';
import { cureStep } from './cure.ts';
import { exchangeCertificatesStep } from './exchange-certificates.ts';
import { exchangeStep } from './exchange.ts';
import { fenceStep } from './fence.ts';
import { forceNewClusterStep } from './force-new-cluster.ts';
import { issueCertificatesStep } from './issue-certificates.ts';
import { liftFenceStep } from './lift-fence.ts';
import { memberAddStep } from './member-add.ts';
import { memberPromoteStep } from './member-promote.ts';
import { memberRemoveStep } from './member-remove.ts';
import { receiveStep } from './receive.ts';
import { safeguardStep } from './safeguard.ts';
import { recordClusterStep } from './record-cluster.ts';
import { removeMembersStep } from './remove-members.ts';
import { rehearseStep } from './rehearse.ts';
import { restartKubeletStep } from './restart-kubelet.ts';
import { settleStep } from './settle.ts';
import { setAsideStep } from './set-aside.ts';
import { startStep } from './start.ts';
import type { StepContext, StepDriver } from './step.ts';
import { stopStep } from './stop.ts';

const drivers: { readonly [Kind in StepKind]: StepDriver<Kind> } = {
  receive: receiveStep,
  safeguard: safeguardStep,
  build: buildStep,
  'force-new-cluster': forceNewClusterStep,
  rehearse: rehearseStep,
  stop: stopStep,
  exchange: exchangeStep,
  fence: fenceStep,
  'lift-fence': liftFenceStep,
  'set-aside': setAsideStep,
  'member-remove': memberRemoveStep,
  'member-add': memberAddStep,
  'catch-up': catchUpStep,
  'member-promote': memberPromoteStep,
  start: startStep,
  'remove-members': removeMembersStep,
  check: checkStep,
  cure: cureStep,
  canary: canaryStep,
  'record-cluster': recordClusterStep,
  'restart-kubelet': restartKubeletStep,
  'issue-certificates': issueCertificatesStep,
  'exchange-certificates': exchangeCertificatesStep,
  settle: settleStep,
};

/** A step with its driver. */
export interface BoundStep {
  readonly apply: (context: StepContext) => Promise<unknown>;
  readonly undo: (context: StepContext) => Promise<void>;
}

export function driverOf<Kind extends StepKind>(step: StepOf<Kind> & Step): BoundStep {
  // The table has for each kind the driver of that kind: what the compiler cannot follow through a union.
  const driver = drivers[step.kind] as StepDriver<Kind>;
  return {
    apply: (context) => driver.apply(step, context),
    undo: (context) => driver.undo(step, context),
  };
}
