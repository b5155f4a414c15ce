"""Writes src/infer/imagenet.ts: the classes of ILSVRC 2012 in their usual order.

Usage: python3 tools/imagenet-labels.py SYNSETS DATA_NOUN > src/infer/imagenet.ts
SYNSETS: the 1,000 synset numbers of ILSVRC 2012, one a line, sorted (n01440764 first), as in timm's imagenet_synsets.txt.
DATA_NOUN: data.noun of WordNet 3.0 (Debian's package wordnet-base has it as /usr/share/wordnet/data.noun).
"""
import sys

synsets = [line.strip() for line in open(sys.argv[1]) if line.strip()]
wanted = {int(s[1:]) for s in synsets}
assert len(synsets) == 1000 and synsets == sorted(synsets)
names = {}
for line in open(sys.argv[2], encoding="latin-1"):
    if line.startswith(" "):
        continue
    fields = line.split(" ")
    if int(fields[0]) in wanted:
        lemmas = [fields[4 + 2 * i].replace("_", " ") for i in range(int(fields[3], 16))]
        names[int(fields[0])] = ", ".join(lemmas)
print("""/**
 * The 1,000 classes of ILSVRC 2012 ("ImageNet-1k", https://www.image-net.org/challenges/LSVRC/2012/) by index: every class is a synset of WordNet 3.0, in the
 * order of the synsets' numbers, and its name is the synset's words. Written by tools/imagenet-labels.py.
 * WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved. Licence: https://wordnet.princeton.edu/license-and-commercial-use
 */
export const imagenetLabels: readonly string[] = `\\""")
for s in synsets:
    name = names[int(s[1:])]
    assert "`" not in name and "\\" not in name
    print(name)
print("`.trimEnd().split(\"\\n\");")
