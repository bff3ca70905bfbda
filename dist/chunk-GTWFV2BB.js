import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as t}from"./chunk-JXQA2DPP.js";var n=/^[\p{White_Space}\p{C}\p{M}\p{Default_Ignorable_Code_Point}\u2800\uFFFD]*$/u;function o(e){return n.test(e)}t(o,"isBlank");export{o as a};
