import * as v from 'valibot';
import { AppError } from './app-error.ts';
import type {
  ArgsOf,
  CoreCallName,
  Pushes,
  PrivateCallName,
  PrivateCalls,
  PrivatePushes,
  CoreCalls,
  ShellCallName,
  ShellCalls,
  StreamArgs,
  StreamName,
  Streams,
} from './contract/index.ts';
import {
  id,
  fileName,
  title,
  query,
  longText,
  path,
  paths,
  anyPaths,
  onePath,
  whole,
  tokens,
  wholeBetween,
  token,
  modelPlace,
  sessionCount,
  kvType,
  engineOptions,
  modelRef,
  none,
  scope,
  use,
  searched,
  mode,
  settings,
} from './schema-parts.ts';
import type { Validators } from './shape.ts';

/** What CORE serves to MAIN and through it to the window. */
export interface CoreContract {
  readonly calls: CoreCalls & PrivateCalls;
  readonly pushes: Pushes & PrivatePushes;
  readonly streams: Streams;
}
/** What MAIN serves to the window itself. */
export interface ShellContract {
  readonly calls: ShellCalls;
  readonly pushes: Pushes;
  readonly streams: object;
}

const coreSchemas = {
  'app.info': none,
  'conversations.list': none,
  'conversations.get': v.strictObject({ id }),
  'conversations.create': v.strictObject({
    modelId: v.exactOptional(id),
    scope: v.exactOptional(scope),
    use: v.exactOptional(use),
  }),
  'conversations.update': v.strictObject({
    id,
    title: v.exactOptional(title),
    systemPrompt: v.exactOptional(longText),
    modelId: v.exactOptional(id),
    scope: v.exactOptional(scope),
    use: v.exactOptional(use),
    pinned: v.exactOptional(v.boolean()),
    showMessageId: v.exactOptional(id),
  }),
  'conversations.remove': v.strictObject({ id }),
  'conversations.restore': v.strictObject({ id }),
  'conversations.seen': v.strictObject({ id }),
  'conversations.search': v.strictObject({ query }),
  'chat.send': v.strictObject({
    conversationId: id,
    parentId: v.nullable(id),
    text: longText,
    schema: v.exactOptional(v.pipe(v.string(), v.maxLength(100_000))),
    mode: v.exactOptional(mode),
    scope: v.exactOptional(scope),
  }),
  'chat.regenerate': v.strictObject({ messageId: id, mode: v.exactOptional(mode) }),
  'chat.stop': v.strictObject({ turnId: id }),
  'chat.whole': v.strictObject({
    scope,
    modelId: v.exactOptional(id),
    systemPrompt: v.exactOptional(longText),
  }),
  'chat.readNow': v.strictObject({ conversationId: id }),
  'chat.rewriteTests': none,
  'chat.testRewriting': none,
  'chat.allowTool': v.strictObject({
    turnId: id,
    useId: id,
    answer: v.picklist(['once', 'always', 'never']),
  }),
  'models.list': none,
  'models.embedding': none,
  'models.loadEmbedding': none,
  'models.inspect': v.strictObject({ paths: onePath }),
  'models.import': v.strictObject({ paths: onePath, mode: v.picklist(['copy', 'reference']) }),
  'models.remove': v.strictObject({ modelId: id }),
  'models.load': v.strictObject({
    modelId: id,
    contextSize: v.exactOptional(tokens),
    sessions: v.exactOptional(sessionCount),
    kvType: v.exactOptional(kvType),
    ...engineOptions,
    remember: v.exactOptional(v.boolean()),
  }),
  'models.plan': v.strictObject({
    modelId: id,
    contextSize: v.exactOptional(tokens),
    sessions: v.exactOptional(sessionCount),
    kvType: v.exactOptional(kvType),
    ...engineOptions,
  }),
  'models.unload': v.strictObject({ modelId: id }),
  'models.queue': v.strictObject({ modelId: v.exactOptional(id) }),
  'models.cancelRun': v.strictObject({ runId: id }),
  'models.catalog': v.strictObject({
    context: v.exactOptional(tokens),
    sessions: v.exactOptional(wholeBetween(1, 64)),
    memory: v.exactOptional(wholeBetween(2 ** 28, 2 ** 46)),
  }),
  'models.measure': v.strictObject({ again: v.exactOptional(v.boolean()) }),
  'models.scan': v.strictObject({ paths }),
  'models.addFound': v.strictObject({ paths: onePath }),
  'models.look': v.strictObject({ place: query }),
  'models.fitOf': v.strictObject({ from: modelPlace }),
  'models.downloadFrom': v.strictObject({ from: modelPlace }),
  'models.verify': v.strictObject({
    modelId: id,
    paths: v.pipe(v.array(path), v.maxLength(1), v.readonly()),
  }),
  'models.proof': v.strictObject({ modelId: id }),
  'models.download': v.strictObject({ catalogId: id, file: id }),
  'models.downloads': none,
  'models.pauseDownload': v.strictObject({ downloadId: id }),
  'models.resumeDownload': v.strictObject({ downloadId: id }),
  'models.cancelDownload': v.strictObject({ downloadId: id }),
  'models.storage': none,
  'models.move': v.strictObject({ paths: onePath }),
  'models.moveBack': none,
  'models.clean': v.strictObject({
    names: v.pipe(v.array(fileName), v.maxLength(100_000), v.readonly()),
  }),
  'models.checkAll': v.strictObject({
    modelIds: v.exactOptional(v.pipe(v.array(id), v.maxLength(10_000), v.readonly())),
  }),
  'models.downloadFirst': v.strictObject({ downloadId: id }),
  'models.downloadLog': v.strictObject({
    downloadId: v.exactOptional(id),
    modelId: v.exactOptional(id),
  }),
  'models.wakeDownloads': none,
  'backends.list': none,
  'backends.try': none,
  'backends.choose': v.strictObject({ choice: id }),
  'documents.collections': none,
  'documents.list': v.strictObject({ collectionId: v.exactOptional(id) }),
  'documents.add': v.strictObject({ paths, collectionId: v.exactOptional(id) }),
  'documents.remove': v.strictObject({ documentId: id }),
  'documents.removeCollection': v.strictObject({ collectionId: id }),
  'documents.renameCollection': v.strictObject({ collectionId: id, name: title }),
  'documents.search': searched,
  'documents.searchReading': searched,
  'documents.searchState': none,
  'documents.view': v.strictObject({ documentId: id }),
  'documents.page': v.strictObject({ documentId: id, page: wholeBetween(1, 10_000_000) }),
  'documents.watchState': v.strictObject({ collectionId: v.exactOptional(id) }),
  'documents.pause': v.strictObject({ collectionId: v.exactOptional(id) }),
  'documents.resume': v.strictObject({ collectionId: v.exactOptional(id) }),
  'documents.rescan': v.strictObject({ collectionId: id }),
  'documents.tryAgain': v.strictObject({
    ...{ collectionId: id, documentId: v.exactOptional(id) },
    only: v.exactOptional(v.literal('stopped')),
  }),
  'documents.relocate': v.strictObject({
    ...{ collectionId: id, paths: onePath },
    anyway: v.exactOptional(v.boolean()),
  }),
  'documents.ignoreRules': v.strictObject({ collectionId: id }),
  'documents.setIgnoreRules': v.strictObject({
    collectionId: id,
    own: v.pipe(v.string(), v.maxLength(100_000)),
  }),
  'documents.parts': v.strictObject({ documentId: id }),
  'documents.find': v.strictObject({ documentId: id, query }),
  'documents.locate': v.strictObject({ documentId: id, start: whole, end: whole, quote: longText }),
  'documents.citations': v.strictObject({ documentId: id }),
  'memory.loaded': none,
  'memory.history': v.strictObject({
    since: v.pipe(v.number(), v.finite()),
    modelId: v.exactOptional(id),
    points: v.exactOptional(wholeBetween(1, 100_000)),
  }),
  'memory.matrix': v.strictObject({ modelId: id }),
  'memory.sessions': none,
  'memory.predict': v.strictObject({
    ...modelRef,
    contextSize: v.exactOptional(tokens),
    sessions: v.exactOptional(sessionCount),
    kvType: v.exactOptional(kvType),
    checkpoints: v.exactOptional(wholeBetween(0, 100_000)),
  }),
  'memory.compare': v.strictObject({
    one: v.strictObject(modelRef),
    other: v.exactOptional(v.strictObject(modelRef)),
    contextSize: tokens,
    sessions: sessionCount,
    kvType: v.exactOptional(kvType),
  }),
  'memory.accuracy': v.strictObject({ modelId: v.exactOptional(id) }),
  'memory.relief': none,
  'states.status': none,
  'states.clear': none,
  'settings.get': none,
  'settings.set': v.strictObject({ values: settings }),
  'network.status': none,
  'network.test': none,
  'network.addAuthority': v.strictObject({ paths: onePath }),
  'network.removeAuthority': none,
  'network.refreshKeys': none,
  'tasks.list': none,
  'tasks.cancel': v.strictObject({ taskId: id }),
  'private.documentFile': v.strictObject({ documentId: id }),
  'private.documentPlace': v.strictObject({ documentId: id }),
  'private.token': v.strictObject({ token: v.nullable(token), since: v.nullable(whole) }),
  'private.stateKey': v.strictObject({
    key: v.nullable(v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{43}=$/))),
    canProtect: v.boolean(),
  }),
  'private.proxy': v.strictObject({ id, answer: v.pipe(v.string(), v.maxLength(8_192)) }),
  'private.shutdown': none,
} satisfies { [N in CoreCallName | PrivateCallName]: v.GenericSchema<unknown, ArgsOf<N>> };

const shellSchemas = {
  'shell.pickDocuments': none,
  'shell.pickFolder': v.strictObject({ purpose: v.picklist(['documents', 'models', 'moved']) }),
  'shell.pickModel': none,
  'shell.pickLibrary': none,
  'shell.pickSignature': none,
  'shell.pickAuthority': none,
  'shell.tokenStatus': none,
  'shell.setToken': v.strictObject({ token, allowFile: v.exactOptional(v.boolean()) }),
  'shell.removeToken': none,
  'shell.usualModelFolders': none,
  'shell.saveFile': v.strictObject({
    kind: v.picklist(['csv', 'png']),
    name: v.pipe(v.string(), v.maxLength(120), v.regex(/^[\w-][\w .-]*$/)),
    data: v.pipe(v.string(), v.minLength(1), v.maxLength(32 * 1024 * 1024)),
  }),
  'shell.openExternal': v.strictObject({
    url: v.pipe(v.string(), v.maxLength(8_192), v.url(), v.regex(/^https?:\/\//i)),
  }),
  'shell.showDocument': v.strictObject({ documentId: id }),
  'shell.coreStatus': none,
  'shell.restartCore': none,
} satisfies { [N in ShellCallName]: v.GenericSchema<unknown, ArgsOf<N>> };

const streamSchemas = {
  turn: v.strictObject({ turnId: id, after: whole }),
  task: v.strictObject({ taskId: id, after: whole }),
} satisfies { [N in StreamName]: v.GenericSchema<unknown, StreamArgs<N>> };

// `satisfies` sees a missing schema, a missing needed field and a wrong type. It does not see an
// optional field that the contract has and the schema lacks: this does.
type AllNeeded<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]-?: AllNeeded<T[K]> }
    : T;
type Lacking<Schemas, ArgsByName> = {
  [N in keyof Schemas & keyof ArgsByName]: Schemas[N] extends v.GenericSchema
    ? AllNeeded<v.InferOutput<Schemas[N]>> extends AllNeeded<ArgsByName[N]>
      ? never
      : N
    : N;
}[keyof Schemas & keyof ArgsByName];
type NothingLacks = [
  Lacking<typeof coreSchemas, { [N in CoreCallName | PrivateCallName]: ArgsOf<N> }>,
  Lacking<typeof shellSchemas, { [N in ShellCallName]: ArgsOf<N> }>,
  Lacking<typeof streamSchemas, { [N in StreamName]: StreamArgs<N> }>,
];
const nothingLacks: NothingLacks extends [never, never, never] ? true : NothingLacks = true;
void nothingLacks;

/** Checks for the calls and streams that CORE answers. */
export const coreValidators: Validators<CoreContract> = {
  calls: toValidators(coreSchemas) as Validators<CoreContract>['calls'],
  streams: toValidators(streamSchemas) as Validators<CoreContract>['streams'],
};

/** Checks for the calls that MAIN answers itself. */
export const shellValidators: Validators<ShellContract> = {
  calls: toValidators(shellSchemas) as Validators<ShellContract>['calls'],
  streams: {},
};

/**
 * A `paths` argument, for the relay in MAIN that checks grants; undefined when there is none of that
 * form. An empty one names no file; whether the call takes it is CORE's to say.
 */
export function pathsIn(args: unknown): readonly string[] | undefined {
  const result = v.safeParse(v.object({ paths: anyPaths }), args);
  return result.success ? result.output.paths : undefined;
}

/** The files in the answer of a scan, for the relay in MAIN that grants them. */
export function foundIn(result: unknown): readonly string[] {
  const found = v.object({ models: v.array(v.object({ path })) });
  const answer = v.safeParse(v.object({ ok: v.literal(true), value: found }), result);
  return answer.success ? answer.output.value.models.map((one) => one.path) : [];
}

function toValidators(schemas: Record<string, v.GenericSchema>): object {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      (args: unknown) => {
        // Valibot takes an empty array for an empty object.
        const result = v.safeParse(schema, Array.isArray(args) ? null : withoutUndefined(args));
        if (result.success) return result.output;
        const [issue] = result.issues;
        // The issue's own text can quote what arrived, which may be a prompt: only the field is told.
        const field = v.getDotPath(issue) ?? '';
        throw new AppError('invalid-argument', `${name}: ${field || 'arguments'} (${issue.type})`, {
          detail: { call: name, field },
        });
      },
    ]),
  );
}

/** A field set to undefined is the same as one left out: the process line drops it, Electron's does not. */
function withoutUndefined(args: unknown): unknown {
  if (typeof args !== 'object' || args === null) return args;
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));
}
