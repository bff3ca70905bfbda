import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a as e}from"./chunk-JXQA2DPP.js";function s(o){process.exitCode=o;let t=e(()=>{process.stdout.writableLength===0&&process.exit(),setTimeout(t,5e3).unref()},"end");setTimeout(t,5e3).unref()}e(s,"endProcess");export{s as a};
