"""One legality rule per plan step, its condition in formal notation above the code."""
