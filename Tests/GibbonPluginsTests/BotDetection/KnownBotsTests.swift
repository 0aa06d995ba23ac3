// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonPlugins

/// Who is taken for a program, and who must not be.
@Suite struct KnownBotsTests {
  private static func knows(_ agent: String) -> Bool { KnownBots.shared.contains(Array(agent.utf8).span) }

  @Test func theRulesCompile() { #expect(KnownBots.shared.isComplete) }

  @Test(
    arguments: [
      // By names, wherever they stand.
      "Googlebot/2.1 (+http://www.google.com/bot.html)", "Mozilla/5.0 (compatible; bingbot/2.0)",
      "AdsBot-Google-Mobile",
      "Mozilla/5.0 (compatible; Yahoo! Slurp)", "Go-http-client/2.0", "axios/1.6.2", "okhttp/4.12.0", "xaxiosx",
      "Apache-HttpClient/4.5", "Python-urllib/3.9", "unirest-java/1.3", "WhatsApp/2.23",
      "WordPress/6.4; https://x.test",
      "Scrapy/2.11", "msnbot2", "ia_archiver", "Mediapartners-Google", "NING/1", "voyager/1.0", "http%20client",
      "BotName/$BotVersion",
      // A number behind the name.
      "SomeBot/1.0", "some bot 2", "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)", "x Indexer/1",
      "archiver", "Archiver 1", "/somebot-1", "/x_Bot-3", "EDI/1", "my WebZIP/9", "-Grub/2", "/fetchurl 1", "a/Isara-2",
      "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", "facebookexternalhit/1.1", "aws-sdk-java/1.11",
      "Boto3/1.2",
      "aws-cli/2.15", "s3fs/1.2", "x PTST/1.2", "Y!J-BRU/1",
      // Whatever is in them.
      "crawler4j", "ScRaWl", "Mozilla/5.0 (compatible; Baiduspider/2.0)", "webSPIDER", "ScrapeIt", "scraper",
      "my favicon",
      "YandexBot", "WeSEE:Search", "Xenu Link Sleuth", "Xenu's Link Sleuth", "Microsoft URL Control Bot", "Yetis",
      "IP2xBot",
      "archive.org_bot", "Mozilla Google Web Preview/+/web/snippet", "jbot", "WASALive-Bot", "Accoona-AI-Agent",
    ])
  func whatKongStopsIsStopped(agent: String) { #expect(Self.knows(agent)) }

  @Test(
    arguments: [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari",
      "python-requests/2.31.0", "Python/3.11 aiohttp/3.9.1", "SomeBot", "bot", "my-bot", "robots", "GO-HTTP-CLIENT",
      "TelegramBot (like TwitterBot)", "Java/17.0.9", "libwww-perl/6.72", "HeadlessChrome/120.0", "node-fetch",
      "Faraday",
      "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36", "CUBOT_P40", "Talbots/5.1 CFNetwork/1474",
      "curl/8.4.0", "Wget/1.21.4", "PostmanRuntime/7.36.0", "HelloWorld", "", "kube-probe/1.29",
      "ELB-HealthChecker/2.0",
      "SomeBot/x", "bot-1", "x/-bot-1", "1/bot-1", "bot/", "Bot ", "xEDI/1", "_Grub/2", "EDI/x", "xNING", "a voyager",
      "fetchurl 1",
      "GOOGLEBOT", "Boto3/1", "xBoto3/1.2", "PTST/1.2", "x PTST/1", "x PTST/1.2 ", "Yandex", "Yandex ", "xYeti",
      "WeSEE:1",
      "Xenu x Link Sleuth", "jbots", "facebookexternalhit", "facebookexternalhit/1", "Google x/+/web/snippe",
      "/+/web/snippet Google",
      "twitterbot", "s", "2", "1234", "---", "\u{FF}\u{FE}", "spide", "craw",
    ])
  func whatKongLetsPassPasses(agent: String) { #expect(!Self.knows(agent)) }

  @Test func everyNameIsFoundWhereverItStands() {
    for name in KnownBots.anywhere {
      #expect(Self.knows(name) && Self.knows("x\(name)y"), "\(name)")
    }
    for name in KnownBots.versioned {
      #expect(Self.knows("a \(name)/1") && !Self.knows("a\(name)/1") && !Self.knows("\(name) 1"), "\(name)")
    }
    for name in KnownBots.afterSlash {
      #expect(Self.knows("a/\(name)-1") && !Self.knows("a \(name)-1"), "\(name)")
    }
  }

  /// Nothing that a client sends makes the search long: each text here has many places where one could begin.
  @Test(arguments: ["crawspide", "goo-http-clien", "bo", "1", "s", "\u{FF}", "cubots ", "P", "Google", "/a", "b-1"])
  func longTextsEnd(part: String) {
    // A search that is given up stops its text too.
    _ = Self.knows(String(repeating: part, count: 65_536 / part.utf8.count))
  }
}
