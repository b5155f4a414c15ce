"""Runs Python's huggingface_hub and torch.hub for hub.mjs, by the environment it is given.

hub.py hub REPO [FILE...]   fetches each FILE by hf_hub_download and all of REPO by snapshot_download, and prints {file: sha256} of the snapshot
hub.py torch URL            loads URL by load_state_dict_from_url, and prints the sum of its tensor "a"
hub.py state-dict PATH      saves a state dict to PATH
"""

import hashlib
import json
import sys
from pathlib import Path


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def hub(repo, *files):
    from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download, try_to_load_from_cache
    from huggingface_hub.errors import EntryNotFoundError

    for file in files:
        try:
            hf_hub_download(repo, file)
        except EntryNotFoundError:
            pass
    folder = Path(snapshot_download(repo))
    found = {str(p.relative_to(folder)): sha256(p) for p in folder.rglob("*") if p.is_file()}
    warnings = [str(w) for w in scan_cache_dir().warnings]
    missing = [f for f in files if not isinstance(try_to_load_from_cache(repo, f), (str, type(None)))]
    return {"files": found, "lacks": sorted(missing), "warnings": warnings, "commit": folder.name}


def load(url):
    import torch

    return float(torch.hub.load_state_dict_from_url(url, check_hash=True, progress=False)["a"].sum())


def state_dict(path):
    import torch

    torch.save({"a": torch.arange(3000, dtype=torch.float32)}, path)


run = {"hub": hub, "torch": load, "state-dict": state_dict}[sys.argv[1]]
print(json.dumps(run(*sys.argv[2:])))
