import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../ipc/app-error.ts';
import type { KeysStatus } from '../ipc/contract/index.ts';
import {
  expectedSigner,
  ibmSigners,
  isIbm,
  proofLevel,
  readBundleText,
  readKeys,
  verifyBundle,
  verifyFiles,
} from '../models/verify/index.ts';
import type {
  ExpectedSigner,
  FileState,
  FilesReport,
  ProofLevel,
  RefusedBundle,
  TrustRoot,
  VerifiedBundle,
} from '../models/verify/index.ts';
import type { CliRequest } from './cli-args.ts';
import { UsageError } from './cli-errors.ts';
import { explainRefusal } from './cli-refusals.ts';
import type { Output } from './cli-output.ts';

/** Exit statuses: the level of proof. */
const signed = 0;
const unproven = 4;
const refused = 5;

interface Findings {
  readonly request: CliRequest;
  readonly trustRoot: TrustRoot;
  readonly keysStatus: KeysStatus;
  readonly signaturePath: string | null;
  readonly expected: readonly ExpectedSigner[];
  readonly bundle: VerifiedBundle | RefusedBundle | null;
  /** null when the signature was refused: then nothing can be said about files. */
  readonly report: FilesReport | null;
}

/**
 * Verifies a file or a folder against a model signature, offline, and prints level, signer and every
 * file. Needs no profile. Throws AppError and UsageError.
 */
export async function verify(
  request: CliRequest,
  out: Output,
  signal: AbortSignal,
  keys: Parameters<typeof readKeys>[0],
): Promise<number> {
  const path = resolve(request.subject);
  const expected = expectation(request);
  const found = await stat(path).catch(() => null);
  if (found === null) {
    throw new AppError('model-missing', 'no such file', { detail: { file: request.subject } });
  }
  const { root: trustRoot, status: keysStatus } = await readKeys(keys);
  const beside = join(found.isDirectory() ? path : dirname(path), 'model.sig');
  const signaturePath = await findSignature(request, beside);
  const bundle =
    signaturePath === null
      ? null
      : verifyBundle({
          bundleText: await readBundleText(signaturePath),
          trustRoot,
          expect: expected,
        });
  const report =
    bundle?.ok === false
      ? null
      : await verifyFiles({
          path,
          resources: bundle?.resources ?? [],
          ignorePaths: bundle?.ignorePaths ?? [],
          signaturePath: signaturePath ?? beside,
          signal,
          onFile: (name, done) => out.progress(`hashing ${name}: ${Math.round(done * 100)} %`),
        });
  out.progress(null);
  const findings = { request, trustRoot, keysStatus, signaturePath, expected, bundle, report };
  out.object(asJson(findings));
  if (!out.json) asText(findings, out);
  if (bundle === null) return unproven;
  return report?.allCovered === true ? signed : refused;
}

/** Of the repository, as asked, or else any of IBM's. Throws UsageError. */
function expectation(request: CliRequest): readonly ExpectedSigner[] {
  const { identity, issuer, repository } = request;
  if (identity !== null && issuer !== null) return [{ identity, issuer }];
  if (repository === null) return ibmSigners;
  const known = expectedSigner(repository);
  if (known === null) {
    throw new UsageError(
      `no signer is known for ${repository}; say who must have signed with --identity and --issuer`,
    );
  }
  return [known];
}

async function findSignature(request: CliRequest, beside: string): Promise<string | null> {
  const path = request.signature === null ? beside : resolve(request.signature);
  const found = await stat(path).catch(() => null);
  if (found?.isFile() === true) return path;
  if (request.signature === null) return null;
  throw new AppError('model-missing', 'no such file', { detail: { file: request.signature } });
}

/** Of everything asked about: as low as that of its lowest file. */
function levelOf({ bundle, report }: Findings): ProofLevel {
  if (report === null || report.files.length === 0) return 'unverified';
  const all = report.files.map((file) => proofLevel({ bundle, file, pinned: null }));
  return all.every((level) => level === 'signed') ? 'signed' : 'unverified';
}

function asJson(findings: Findings) {
  const { request, trustRoot, keysStatus, signaturePath, expected, bundle, report } = findings;
  return {
    path: resolve(request.subject),
    scope: report?.scope ?? null,
    level: levelOf(findings),
    signature:
      bundle === null
        ? null
        : {
            path: signaturePath,
            valid: bundle.ok,
            code: bundle.ok ? null : bundle.code,
            reason: bundle.ok ? null : explainRefusal(bundle.code),
            signer: bundle.ok
              ? { ...bundle.signer, signedAt: new Date(bundle.signer.signedAt).toISOString() }
              : null,
            model: bundle.ok ? bundle.modelName : null,
            otherModel: report?.otherModel ?? null,
            steps: bundle.steps,
          },
    expected,
    files: report?.files ?? [],
    trustRoot: {
      newestKey: dayOf(trustRoot.newestKeyAt),
      from: keysStatus.from,
      asOf: dayOf(keysStatus.asOf),
    },
  };
}

const stateWords: Readonly<Record<FileState, string>> = {
  covered: 'signed',
  mismatch: 'CHANGED',
  'not-listed': 'not signed',
  missing: 'MISSING',
  'not-a-file': 'LINK or device, not read',
};

function asText(findings: Findings, out: Output): void {
  const { request, keysStatus, signaturePath, bundle, report } = findings;
  for (const { name, state, sha256, sameBytesAs } of report?.files ?? []) {
    const shown = report?.scope === 'file' ? request.subject : name;
    out.print(
      `${sha256 ?? '-'.padEnd(64)}  ${shown}${bundle === null ? '' : `  ${stateWords[state]}`}\n`,
    );
    if (sameBytesAs !== null) out.print(`  It holds the signed bytes of ${sameBytesAs}.\n`);
  }
  if (bundle === null) {
    out.note('Unverified: no signature was found beside it, and none was given with --signature.');
    out.note('Compare the sha256 with the one the publisher gives.');
    return;
  }
  if (request.verbose) showSteps(bundle, out);
  if (!bundle.ok) {
    out.problem(
      `the signature was refused: ${explainRefusal(bundle.code)} (${bundle.code}); ${signaturePath}`,
    );
    return;
  }
  const { signer } = bundle;
  const who = isIbm(signer) ? `IBM (${signer.identity})` : signer.identity;
  out.print(
    `Signature of ${bundle.modelName}: by ${who}, vouched for by ${signer.issuer}, on ${dayOf(signer.signedAt)}, public log entry ${signer.logIndex}.\n`,
  );
  const came = keysStatus.from === 'shipped' ? 'shipped with Quarry' : 'refreshed';
  out.print(`Checked offline with the keys as of ${dayOf(keysStatus.asOf)}, ${came}.\n`);
  if (report !== null) showVerdict(report, out);
}

function showVerdict({ allCovered, otherModel, scope }: FilesReport, out: Output): void {
  if (allCovered) {
    out.print(
      scope === 'file'
        ? 'This file is covered by that signature.\n'
        : 'Every file is covered by that signature.\n',
    );
  } else if (otherModel) {
    out.problem('that signature is of another model: nothing here is covered by it');
  } else if (scope === 'file') {
    out.problem('this file is not covered by that signature');
  } else {
    out.problem('not every file is covered by that signature; name one file to check it by itself');
  }
}

function showSteps({ steps }: VerifiedBundle | RefusedBundle, out: Output): void {
  for (const { question, result, facts } of steps) {
    out.note(`${result.padEnd(11)}  ${question}`);
    for (const [name, value] of Object.entries(facts)) out.note(`             ${name}: ${value}`);
  }
}

const dayOf = (at: number | null): string =>
  at === null ? 'an unknown day' : new Date(at).toISOString().slice(0, 10);
