import { kalshiTypescriptStories } from './kalshi-typescript.js';

kalshiTypescriptStories();
