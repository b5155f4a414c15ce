/**
 * The first digits of a file's SHA-256 that its name carries: se_resnet50-ce0d4300.pth begins with ce0d4300. This is how torch.hub reads names
 * (HASH_REGEX in https://github.com/pytorch/pytorch/blob/v1.13.1/torch/hub.py); null where there are fewer than eight.
 */
export const sha256InName = (address: string): string | null => /-([0-9a-f]{8,})\.\w+$/.exec(address)?.[1] ?? null;
