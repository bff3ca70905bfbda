import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-VZ27QOOL.js";import"./chunk-JXQA2DPP.js";export default a();
