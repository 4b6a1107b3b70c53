import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Authority {
  readonly certificate: string;
  /** Paths of a certificate and key for a name, as in `DNS:redis.example` or `IP:127.0.0.1`. */
  issue(subject: string): { readonly cert: string; readonly key: string };
  readonly path: string;
  remove(): void;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];

/** A certificate authority of a test's own, made by openssl. */
export function authority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-ca-"));
  const file = (name: string) => join(folder, name);
  const openssl = (...words: readonly string[]) => execFileSync("openssl", words, { stdio: "pipe" });
  openssl("req", "-x509", ...newKey, "-subj", "/CN=Test CA", "-keyout", file("ca.key"), "-out", file("ca.crt"));
  let issued = 0;
  return {
    path: file("ca.crt"),
    certificate: readFileSync(file("ca.crt"), "utf8"),
    issue(subject) {
      issued += 1;
      const [key, request, cert, extension] = ["key", "csr", "crt", "ext"].map((end) => file(`${issued}.${end}`));
      writeFileSync(extension!, `subjectAltName=${subject}\n`);
      openssl("req", ...newKey, "-subj", "/CN=test", "-keyout", key!, "-out", request!);
      const signer = ["-CA", file("ca.crt"), "-CAkey", file("ca.key"), "-CAcreateserial", "-days", "2"];
      openssl("x509", "-req", "-in", request!, ...signer, "-extfile", extension!, "-out", cert!);
      return { cert: cert!, key: key! };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
