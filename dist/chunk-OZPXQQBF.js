import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as e}from"./chunk-JXQA2DPP.js";var s={pass:0,bypassed:0,skipped:0,fail:1,inconclusive:2};function t(i){return s[i]}e(t,"exitCodeOf");export{t as a};
