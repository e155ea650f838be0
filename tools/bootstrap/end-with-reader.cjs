// @ts-check
/** Ends the process quietly when nobody reads its output any more, as under `| head`; others die of SIGPIPE then. */
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(141);
  });
