/** A shot of thirty contracts at most, as a strategy hands it to its engine. */
export function fireRequest(intentId: string, changed: Readonly<Record<string, unknown>> = {}) {
  return {
    intent: {
      intentId,
      door: 'fire_first',
      host: 'engine-1',
      pairId: 'rain-seattle',
      type: 'poly_yes_kalshi_no',
      contractsMax: '30',
      limitPrice: { yes: '0.41', no: '0.55' },
      observedAtMs: { yesMs: 1_795_220_000_000, noMs: 1_795_220_000_003 },
      edgeMin: '0.01',
      account: 'main',
      strategy: 'dawn',
      notAfterMs: 1_795_220_002_000,
      dryRun: false,
      ...changed,
    },
    quantity: { yes: '30', no: '30' },
  };
}
