"""The page: one file a tab, pure handlers beside one builder; `demo` joins them."""
