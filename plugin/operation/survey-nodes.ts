import { Failure } from '../../core/failure.ts';
import { nodeSurvey } from '../../core/operation/messages.ts';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import { operationPath } from '../../core/operation/paths.ts';
import { askEach } from '../access/ask-agents.ts';
import type { Reach } from '../link/reach.ts';

/** What a plan is made of: everything that the agents say of their nodes, and why the others say nothing. */
export interface SurveyedNodes {
  readonly surveys: readonly NodeSurvey[];
  readonly unreached: ReadonlyMap<string, Failure>;
}

/** Looks at every node at once, and changes nothing. One that does not answer is no failure of the look. */
export async function surveyNodes(reach: Reach, signal: AbortSignal): Promise<SurveyedNodes> {
  const answers = await askEach(reach, { target: operationPath.survey, schema: nodeSurvey }, signal);
  const surveys: NodeSurvey[] = [];
  const unreached = new Map<string, Failure>();
  for (const [node, answer] of answers)
    if (answer instanceof Failure) unreached.set(node, answer);
    else surveys.push(answer);
  return { surveys, unreached };
}
