export const rewriting = {
  'rewriting.title': 'Follow-up questions',
  'rewriting.note':
    'A question such as “And in 2023?” is searched for with what was said before it. The answer shows with which words.',
  'rewriting.choice': 'Words to search with',
  'rewriting.automatic': 'Automatic',
  'rewriting.automaticNote': 'asks the model where the test below found it better than the rule',
  'rewriting.rule': 'By rule',
  'rewriting.ruleNote': 'takes words of the earlier questions; costs no time',
  'rewriting.model': 'By the model',
  'rewriting.modelNote': 'the model words the question anew; an answer waits {time} for it at most',
  'rewriting.oneSession':
    'The model holds one conversation at once, as the engine’s settings say. A wording takes its place for a moment, and is left out while that conversation is not saved on disk yet. With two held at once, a wording has a place of its own.',
  'rewriting.test': 'Test the model now',
  'rewriting.testing': 'Testing the model with {count} conversations',
  'rewriting.untested': 'No model has been tested on this machine.',
  'rewriting.untestedYet': 'The first follow-up question starts a test in the background.',
  'rewriting.tests': 'Tests on this machine',
  'rewriting.figures':
    'Of the words needed, the rule found {rule} and the model {model}. Misleading words in {wrong} of the questions. Time for one: {time}.',
  'rewriting.verdict.good': 'Good: automatic asks this model',
  'rewriting.verdict.no-better': 'No better than the rule: automatic does not ask this model',
  'rewriting.verdict.wrong-words': 'Brings misleading words: automatic does not ask this model',
  'rewriting.verdict.slow': 'Too slow on this machine: automatic does not ask this model',
  'rewriting.queue': 'Words to search with for: {title}',
  'rewriting.queueTest': 'Test with follow-up questions',
  'rewriting.phase': 'Wording the question for the search',
  'rewriting.sought.model': 'Searched for: {text}',
  'rewriting.sought.by': 'as the model put it',
  'rewriting.sought.rule': 'Searched for: {text} with {words}',
  'rewriting.unused.busy': 'The model had no place free beside its conversations.',
  'rewriting.unused.slow': 'The model’s wording took too long.',
  'rewriting.unused.failed': 'The model could not word it.',
  'rewriting.unused.useless':
    'The model’s wording was not used: it was no question in other words.',
  'rewriting.unused.invented':
    'The model’s wording was not used: it brought in what nobody had said.',
  'rewriting.unused.same': 'The model added nothing.',
} as const;
