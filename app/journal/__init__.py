"""The page's own durable copy of recordings: logic over rows; IndexedDB is only its far end."""
