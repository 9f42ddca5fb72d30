import { Injectable } from '@nestjs/common';

@Injectable()
export class Greeter {
  greet(name: string): string {
    return `Hello, ${name}!`;
  }
}
