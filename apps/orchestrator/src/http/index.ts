export { ADMIN_KEY_FILE, adminKey } from './auth/admin-key.ts';
export type { AuthOptions } from './auth/authenticator.ts';
export type { JwtAlgorithm, JwtKey, JwtOptions } from './auth/jwt.ts';
export { openApiDocument } from './openapi/document.ts';
export { routes } from './routes.ts';
export { SCOPES, type Scope } from './scopes.ts';
export { createHttpServer, type HttpConfig, type HttpDeps, type HttpServer } from './server.ts';
