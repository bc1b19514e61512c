// A parent that a test kills: loads the miniature, says the engine's process id, and keeps it writing.
import { ask, answer, launcher, load, rambling } from './engine-support.ts';

const engine = await launcher.launch(load());
process.stdout.write(`${engine.info.pid}\n`);
for (let seed = 1; ; seed += 1) {
  await answer(
    engine,
    ask(
      'a',
      { messages: [{ role: 'user', content: 'Which languages do you speak?' }] },
      {
        sampling: rambling(seed),
        maxTokens: 900,
      },
    ),
  );
}
