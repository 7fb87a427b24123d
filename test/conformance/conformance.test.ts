import { clobClientStories } from './clob-client.js';
import { kalshiTypescriptStories } from './kalshi-typescript.js';

kalshiTypescriptStories();
clobClientStories();
