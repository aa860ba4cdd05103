"""The page's own durable copy of recordings: logic over the port `RowStore`, which IndexedDB implements."""
