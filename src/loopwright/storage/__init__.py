"""The file that keeps what cannot be had again: results of campaigns and replies of models, in SQLite, append-only.

``database.Database`` opens it; ``campaign.store`` and ``models.replay`` say what its rows mean.
"""
