"""HTTP support shared by all faces: authentication, middleware, error responses, pagination."""
