import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a,b,c,d,e,f}from"./chunk-LRNK4PHK.js";import"./chunk-JXQA2DPP.js";export{a as ConfigError,d as InternalError,b as PermissionError,c as ProviderError,e as isKnownError,f as toKnownError};
