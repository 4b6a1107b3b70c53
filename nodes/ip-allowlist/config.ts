/** Where a list comes from: typed in, an environment variable, flow or global context, or a file that is watched. */
export type ListSource = "list" | "env" | "flow" | "global" | "file";

export interface IpAllowlistConfig {
  name: string;
  version: number;
  network: string;
  allow: string;
  allowType: ListSource;
  except: string;
  exceptType: ListSource;
  observe: boolean;
}
