"""What the law says: dated, cited data and typed readers. Imports only terms and errors."""
