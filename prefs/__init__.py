"""What each person likes: the rules of saving and clearing, and the store. A leaf: imports nothing of ours."""
