/** Another program: holds as much memory as it is told to, touched, until it is ended. */
const held: Buffer[] = [];
process.on('message', (bytes) => {
  held.push(Buffer.alloc(Number(bytes), 1));
  process.send?.('held');
});
process.on('disconnect', () => process.exit(0));
