import childProcess from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';

/**
 * node-llama-cpp loads a prebuilt binary first in a forked process to see whether it crashes. ENGINE
 * is such a process itself, so without a GPU the trial is answered here and its time saved (about
 * half a second of each load). Call before node-llama-cpp is imported. With a GPU the trial stays:
 * there it chooses between binaries.
 */
export function answerSelfTest(): void {
  const fork = childProcess.fork;
  const replaced = (file: string | URL, ...rest: unknown[]): ChildProcess => {
    if (!/testBindingBinary\.js$/.test(String(file))) {
      return Reflect.apply(fork, childProcess, [file, ...rest]) as ChildProcess;
    }
    return passingTrial();
  };
  childProcess.fork = replaced as typeof fork;
  syncBuiltinESMExports();
}

const answers: Readonly<Record<string, string>> = { start: 'loaded', test: 'done' };

function passingTrial(): ChildProcess {
  const trial = new EventEmitter();
  const say = (type: string): void => void setImmediate(() => trial.emit('message', { type }));
  Object.assign(trial, {
    exitCode: null,
    killed: false,
    stdout: null,
    stderr: null,
    send(message: { type: string }) {
      const answer = answers[message.type];
      if (answer !== undefined) say(answer);
      if (message.type === 'exit') {
        setImmediate(() => {
          Object.assign(trial, { exitCode: 0 });
          trial.emit('exit', 0, null);
        });
      }
      return true;
    },
    kill() {
      Object.assign(trial, { killed: true });
      return true;
    },
  });
  say('ready');
  return trial as unknown as ChildProcess;
}
