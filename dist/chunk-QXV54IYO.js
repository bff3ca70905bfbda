import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var e=["vllm","llama.cpp","ollama","openai","azure","hosted","recordings","schedule","baseline"];export{e as a};
