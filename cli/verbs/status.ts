import type { Command } from 'commander';
import { Option } from 'commander';
import { clusterPaths } from '../../local/cluster.ts';
import { type ClusterStatus, readStatus } from '../../local/status.ts';
import { defaultShape } from '../../local/topology.ts';
import { type AppsStatus, readApps } from '../deploy/apps-status.ts';
import { exitCodes } from '../exit-codes.ts';
import { withSurroundings } from '../surroundings.ts';
import { formatTable } from '../table.ts';

interface StatusFlags {
  readonly name: string;
  readonly format: 'text' | 'json';
}

/** Tables: what runs, the nodes, the addresses the load balancer gave out, the apps, and how their routes answer. */
function asText(status: ClusterStatus, { apps, routes }: AppsStatus): string {
  const components = status.components.map(({ name, pid, state }) => ({
    component: name,
    state,
    pid: pid === undefined ? '-' : String(pid),
  }));
  const nodes = status.nodes.map((node) => ({
    node: node.name,
    role: node.role,
    ready: node.ready ? 'yes' : 'no',
    address: node.address,
  }));
  const services = status.services.map((service) => ({
    service: `${service.namespace}/${service.name}`,
    address: service.address ?? 'pending',
    ports: service.ports.join(','),
  }));
  const routeRows = routes.map((row) => ({ ...row }));
  return [components, nodes, services, apps.map((row) => ({ ...row })), routeRows]
    .filter((rows) => rows.length > 0)
    .map((rows) => formatTable(rows))
    .join('\n');
}

const noApps: AppsStatus = { apps: [], routes: [], fine: true };

async function run(flags: StatusFlags): Promise<void> {
  await withSurroundings(async (around) => {
    const status = await readStatus(clusterPaths(flags.name, around.env));
    if (!status) {
      around.say(`there is no cluster ${flags.name}; start it with: edgeplane up`);
      process.exitCode = exitCodes.problems;
      return;
    }
    const apps = status.healthy ? await readApps(clusterPaths(flags.name, around.env), around.signal) : noApps;
    process.stdout.write(
      flags.format === 'json' ? `${JSON.stringify({ ...status, ...apps }, null, 2)}\n` : asText(status, apps),
    );
    if (!status.healthy || !apps.fine) {
      around.say('not everything runs; mend it with: edgeplane up, and the flags it was last called with');
      process.exitCode = exitCodes.problems;
    }
  });
}

const words = `
Exit code 1 when there is no cluster, something of it does not run, or a route does not answer as it is meant to.`;

/** Shows the components, nodes, load balancer addresses, apps and routes of the local cluster. */
export function define(command: Command): Command {
  return command
    .option('--name <name>', 'name of the embedded cluster', defaultShape.name)
    .addOption(new Option('--format <format>', 'how it is written').choices(['text', 'json']).default('text'))
    .addHelpText('after', words)
    .action(run);
}
