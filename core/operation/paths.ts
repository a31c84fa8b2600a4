/** The requests about operations; all are answered on the socket and on the port. */
export const operationPath = {
  /** GET: a NodeSurvey. */
  survey: '/v1/survey',
  /** GET: what is kept; POST with a plan: the operation is taken up here, and no other until it is closed. */
  operations: '/v1/operations',
  /** GET and DELETE: what operations have moved aside. */
  kept: '/v1/kept',
} as const;

export const operationsPrefix = `${operationPath.operations}/`;

/** POST: does the step, or says that it is done; StepEvents. Asked twice, the second hears of the first. */
export const doPath = (id: string, step: string) => `${operationsPrefix}${id}/do/${encodeURIComponent(step)}`;
/** POST: undoes it. */
export const undoPath = (id: string, step: string) => `${operationsPrefix}${id}/undo/${encodeURIComponent(step)}`;
/** PUT: the file of a `receive` step, as it is; GET: to be passed on to another node, in blocks. */
export const filePath = (id: string, file: string) => `${operationsPrefix}${id}/file/${encodeURIComponent(file)}`;
/** PUT: the plan of an operation that goes on without a node that is gone for good. */
export const planPath = (id: string) => `${operationsPrefix}${id}/plan`;
/** POST with a closeRequest. */
export const closePath = (id: string) => `${operationsPrefix}${id}/close`;
