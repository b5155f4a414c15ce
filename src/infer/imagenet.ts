export const imagenetLabels: readonly string[] = [];
