import { ccxtKalshiStories } from './ccxt-kalshi.js';
import { ccxtPolymarketStories } from './ccxt-polymarket.js';
import { clobClientStories } from './clob-client.js';
import { kalshiTypescriptStories } from './kalshi-typescript.js';

kalshiTypescriptStories();
clobClientStories();
ccxtKalshiStories();
ccxtPolymarketStories();
