"""What makes pictures: one module or package per backend."""
