"""Checkpoints as the zoos publish them: networks of the real packages, with conditioned weights, saved in the forms that such files have."""
