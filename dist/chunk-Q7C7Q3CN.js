import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as n}from"./chunk-JXQA2DPP.js";function o(e,r){return e.alignment<r.misalignedBelow&&e.coherence>r.coherentAbove}n(o,"isMisaligned");function t(e,r){return e.coherence<=r.coherentAbove}n(t,"isIncoherent");export{o as a,t as b};
