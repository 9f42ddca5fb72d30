import { execution, Parallel, Pipeline, type Results, Step, type Values, Workflow } from 'nest-durable';
import type { DashboardData, DashboardRequest } from './dashboard.js';
import { Sources } from './sources.js';

/**
 * Everything at once. The figures have to be there: where one fails, the others are told to stop, and there is no
 * dashboard. The widgets may be: each that fails leaves its place empty.
 */
@Workflow({ name: 'build_dashboard' })
export class DashboardWorkflow extends Pipeline<DashboardRequest, DashboardData> {
  constructor(private readonly sources: Sources) {
    super();
  }

  /** Returns nothing, so what its two children add is merged. */
  @Parallel(['figures', 'decoration'])
  gather() {}

  @Parallel(['loadSales', 'loadCosts'], { in: 'gather' })
  figures(_data: DashboardRequest, results: Values<DashboardWorkflow, 'loadSales' | 'loadCosts'>) {
    const { sales } = results.loadSales;
    const { costs } = results.loadCosts;
    return { sales, costs, profit: sales - costs };
  }

  @Step({ in: 'figures' })
  async loadSales({ company }: DashboardRequest) {
    return { sales: await this.sources.sales(company, execution().signal) };
  }

  @Step({ in: 'figures', retry: { maxAttempts: 1 } })
  async loadCosts({ company }: DashboardRequest) {
    return { costs: await this.sources.costs(company, execution().signal) };
  }

  @Parallel(['loadWeather', 'loadNews', 'loadBirthdays'], { in: 'gather', onError: 'continue' })
  decoration(
    _data: DashboardRequest,
    results: Results<DashboardWorkflow, 'loadWeather' | 'loadNews' | 'loadBirthdays'>,
  ) {
    const widgets: Record<string, string> = {};
    const empty: string[] = [];
    for (const [name, result] of Object.entries(results)) {
      if (result.status === 'fulfilled') Object.assign(widgets, result.value);
      else empty.push(`${name} (${result.reason.message})`);
    }
    return { widgets, empty };
  }

  @Step({ in: 'decoration' })
  async loadWeather() {
    return { weather: await this.sources.weather(execution().signal) };
  }

  @Step({ in: 'decoration', retry: { maxAttempts: 2, base: '50ms' } })
  async loadNews() {
    return { news: await this.sources.news(execution().signal) };
  }

  @Step({ in: 'decoration' })
  async loadBirthdays({ company }: DashboardRequest) {
    return { birthdays: await this.sources.birthdays(company, execution().signal) };
  }

  @Step()
  render({ company, profit, widgets }: DashboardData) {
    const cells = Object.entries(widgets).map(([name, text]) => `${name}: ${text}`);
    return { page: [`${company} made ${profit.toLocaleString('en-US')}`, ...cells].join('  |  ') };
  }
}
