/** The small changes of members that are no operations: asked of an agent whose own member is well. */
import * as v from 'valibot';

const hexId = v.pipe(v.string(), v.regex(/^[0-9a-f]{1,16}$/));

export const memberPath = {
  /** POST with a memberRequest: that member leads from now on. */
  leader: '/v1/member/leader',
  /** POST with a memberRequest: that learner votes from now on. */
  promote: '/v1/member/promote',
} as const;

export const memberRequest = v.object({ id: hexId, name: v.pipe(v.string(), v.maxLength(300)) });
export type MemberRequest = v.InferOutput<typeof memberRequest>;

/** Whether anything had to be changed. */
export const memberChanged = v.object({ changed: v.boolean() });
