export interface DashboardRequest {
  /** Whose dashboard it is. */
  company: string;
}

export interface DashboardData extends DashboardRequest {
  sales: number;
  costs: number;
  profit: number;
  /** What the widgets show, and the names of those that stay empty. */
  widgets: Readonly<Record<string, string>>;
  empty: string[];
  weather: string;
  news: string;
  birthdays: string;
  page: string;
}
