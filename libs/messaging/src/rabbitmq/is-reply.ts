/** Whether the broker refused with this reply code. https://www.rabbitmq.com/docs/channels#error-handling */
export const isReply = (error: unknown, code: 403 | 404): boolean =>
  (error as { code?: unknown }).code === code;
