export interface LadderActivities {
  empty(): Promise<void>;
}

export const ladderActivities: LadderActivities = { empty: async () => undefined };
