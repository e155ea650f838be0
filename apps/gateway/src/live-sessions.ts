import type { authInternal } from '@bulkhead/contracts/auth/api';
import type { Endpoint } from '@bulkhead/contracts/endpoint';
import type { Clock } from '@bulkhead/resilience/clock';
import { deadlineAfter } from '@bulkhead/resilience/deadline';
import { problem } from '@bulkhead/service/errors';
import type { Client } from '@bulkhead/service/http/client';
import type { User } from '@bulkhead/service/identity/user-tokens';
import type { Ids } from '@bulkhead/service/ids';
import type { Job } from '@bulkhead/service/runtime/jobs';
import type { Logger } from '@bulkhead/telemetry/logger';

/**
 * What an access token does not say: whether its session has ended meanwhile. Checked with auth here, since every user
 * request passes through the gateway, which calls auth anyway (docs/decisions/0019).
 */
export interface LiveSessions {
  /**
   * Rejects requests whose session has ended, or whose user has lost the role that the endpoint requires.
   * @throws ProblemError invalid-token, forbidden; unavailable while auth does not respond
   */
  require(user: User, endpoint: Endpoint, requestId: string): Promise<void>;
  /**
   * Watches the session of an open stream. An ended session opens no stream; while auth does not respond streams open
   * and stay, but no longer than their access token.
   * @throws ProblemError invalid-token
   */
  follow(user: User, requestId: string): Promise<FollowedSession>;
  /** Checks whether sessions of open streams have ended. */
  readonly job: Job;
}

export interface FollowedSession {
  /** Aborts when the access token expires, and soon after the session has ended. */
  readonly ended: AbortSignal;
  leave(): void;
}

export interface LiveSessionsOptions {
  readonly auth: Client<Pick<typeof authInternal, 'liveSessions'>>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Polling interval in ms; a stream outlives its session by at most this, a tenth more, and auth's response time. */
  readonly everyMs: number;
}

/** Timeout of auth in ms, including retries. */
const answerWithinMs = 2_000;
/** The maximum of one call. */
const batch = 1_000;

export function createLiveSessions({ auth, clock, ids, logger, everyMs }: LiveSessionsOptions): LiveSessions {
  const followed = new Map<string, Set<AbortController>>();

  /** @throws what the client of auth throws */
  const find = async (sessionIds: readonly string[], requestId: string) => {
    const deadline = deadlineAfter(clock, answerWithinMs);
    try {
      const request = { body: { sessionIds: [...sessionIds] } };
      return (await auth.liveSessions(request, { requestId, deadline })).body.items;
    } finally {
      deadline.dispose();
    }
  };
  const findOne = async ({ id, sessionId }: User, requestId: string) =>
    (await find([sessionId], requestId)).find((live) => live.sessionId === sessionId && live.userId === id);

  return {
    async require(user, { access }, requestId) {
      const session = await findOne(user, requestId).catch((cause: unknown) => {
        logger.warn({ error: cause }, 'auth did not confirm a session');
        throw problem('unavailable', {
          detail: 'Your session cannot be verified at the moment. Nothing was changed.',
          headers: { 'retry-after': '1' },
        });
      });
      if (!session) throw sessionEnded();
      if (access.kind === 'role' && !session.roles.includes(access.role))
        throw problem('forbidden', `This requires the ${access.role} role.`);
    },

    async follow(user, requestId) {
      const isLive = await findOne(user, requestId).then(Boolean, () => true);
      if (!isLive) throw sessionEnded();
      const { sessionId, expiresAt } = user;
      const controller = new AbortController();
      const streams = followed.get(sessionId) ?? new Set();
      followed.set(sessionId, streams.add(controller));
      const timer = clock.setTimer(
        () => controller.abort(new Error('the access token has expired')),
        Math.max(0, expiresAt - clock.now()),
      );
      return {
        ended: controller.signal,
        leave() {
          timer.cancel();
          streams.delete(controller);
          if (streams.size === 0 && followed.get(sessionId) === streams) followed.delete(sessionId);
        },
      };
    },

    job: {
      name: 'end-streams',
      everyMs,
      async run(signal) {
        const asked = [...followed.keys()];
        for (let at = 0; at < asked.length && !signal.aborted; at += batch) {
          const sessionIds = asked.slice(at, at + batch);
          const live = new Set((await find(sessionIds, ids.next())).map(({ sessionId }) => sessionId));
          for (const sessionId of sessionIds)
            if (!live.has(sessionId))
              for (const stream of followed.get(sessionId) ?? [])
                stream.abort(new Error('the session has ended'));
        }
      },
    },
  };
}

const sessionEnded = () =>
  problem('invalid-token', {
    detail: 'The session has ended. Sign in again.',
    headers: { 'www-authenticate': 'Bearer realm="bulkhead", error="invalid_token"' },
  });
