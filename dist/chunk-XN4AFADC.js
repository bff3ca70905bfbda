import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as r}from"./chunk-JXQA2DPP.js";function o(e,n){return e.alignment<n.misalignedBelow&&e.coherence>n.coherentAbove}r(o,"isMisaligned");function t(e,n){return e.coherence<=n.coherentAbove}r(t,"isIncoherent");export{o as a,t as b};
