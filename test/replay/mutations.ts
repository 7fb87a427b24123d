/** A change of the bundle that somebody might make without thinking of what runs already. */
export interface Mutation {
  readonly what: string;
  /** As it stands in the bundle today, and what it becomes. */
  readonly today: RegExp;
  readonly changed: string | ((today: string) => string);
  /** The one type of workflow whose histories catch it; any may where this is not told. */
  readonly workflowType?: string;
}

/** Each of two becomes the other. */
const exchanged =
  (one: string, other: string) =>
  (today: string): string =>
    today.includes(one) ? today.replace(one, other) : today.replace(other, one);

export const mutations: readonly Mutation[] = [
  {
    what: 'two activities change places: the shot and the exit',
    today: /\.fireLegs\(shot\)|\.exitOnce\(exit\)/,
    changed: exchanged('fireLegs', 'exitOnce'),
  },
  {
    what: 'an activity is another one: a question instead of the exit',
    today: /\.exitOnce\(exit\)/,
    changed: '.evidenceOf(exit)',
  },
  {
    what: 'a branch is turned: a dry run fires',
    today: /isStopped = state\.isCancelRequested \|\|/,
    changed: 'isStopped = false &&',
  },
  {
    what: 'a timer is dropped: a wait has no end of its own',
    today: /condition\)\(isNew, Math\.max\(1, untilMs - Date\.now\(\)\)\)/,
    changed: 'condition)(isNew)',
  },
  {
    what: 'a signal does something else: what the venue reports is not taken in',
    today:
      /(_domain_index_js__WEBPACK_IMPORTED_MODULE_\d+__)\.reported\((.*), told, Date\.now\(\)\)/,
    changed: '$2',
  },
  {
    what: 'a step is added: a pause before the shot',
    today: /desk\.fired\(await/,
    changed: 'await _temporalio_workflow__WEBPACK_IMPORTED_MODULE_0__.sleep(5), desk.fired(await',
  },
  {
    what: 'custody leaves a step out: a dead trade ends without its record',
    today:
      /await \(0,_custody_activities_js__WEBPACK_IMPORTED_MODULE_\d+__\.recordAdopted\)\(.*\);/,
    changed: '',
    workflowType: 'custody',
  },
];
