/** How each scenario is played. May import: the test desk. */
import type { ScenarioName } from '../scenarios.js';
import type { Play } from '../story.js';
import { armed } from './armed.js';
import { caring } from './caring.js';
import { fired } from './fired.js';
import { short } from './short.js';
import { stopped } from './stopped.js';
import { straight } from './straight.js';
import { unknown } from './unknown.js';
import { waiting } from './waiting.js';

export const plays: Readonly<Record<ScenarioName, Play>> = {
  ...{ ...straight, ...short, ...unknown },
  ...{ ...stopped, ...waiting, ...fired, ...caring, ...armed },
};
