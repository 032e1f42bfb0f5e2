/* A small list of emoji, each with the words it is found by in English and in Arabic; those used last stand first. The
   system's own picker has all others. No file and no other host is asked: the signs are the font's. */
(() => {
  const { memory } = radd;
  const KEPT = 16;
  const ALL = [
    ["🙂", "smile happy", "ابتسامة سعيد"], ["😊", "smile warm blush", "ابتسامة لطف"], ["😀", "grin happy", "ضحكة فرح"],
    ["😄", "laugh joy", "ضحك فرح"], ["😅", "sweat relief", "ارتياح"], ["😉", "wink", "غمزة"],
    ["😍", "love eyes", "حب إعجاب"], ["🤗", "hug welcome", "عناق ترحيب"], ["🤔", "think wonder", "تفكير"],
    ["😌", "relieved calm", "هدوء ارتياح"], ["😔", "sad sorry", "حزين أسف"], ["😞", "sad disappointed", "حزين خيبة"],
    ["😢", "cry tear", "دمعة بكاء"], ["😮", "surprise", "دهشة"], ["🙏", "thanks please pray", "شكرا رجاء دعاء"],
    ["👍", "yes good thumbs", "موافق جيد"], ["👎", "no bad thumbs", "سيئ"], ["👏", "clap bravo", "تصفيق أحسنت"],
    ["🙌", "hooray celebrate", "فرح احتفال"], ["👋", "hello wave", "مرحبا أهلا وداع"],
    ["🤝", "deal agree hands", "اتفاق مصافحة"], ["💪", "strong effort", "قوة"], ["👀", "look eyes", "نظر متابعة"],
    ["❤️", "heart love", "قلب حب"], ["💙", "heart blue", "قلب أزرق"], ["💚", "heart green", "قلب أخضر"],
    ["🌹", "rose flower", "وردة"], ["🌸", "flower blossom", "زهرة"], ["🎉", "party congratulations", "تهنئة مبروك"],
    ["🎁", "gift present", "هدية"], ["🌙", "moon ramadan", "هلال رمضان"], ["⭐", "star", "نجمة"],
    ["✨", "sparkle new", "جديد لمعان"], ["🔥", "fire hot", "نار"], ["✅", "done check yes", "تم صحيح"],
    ["❌", "no cross", "خطأ لا"], ["⚠️", "warning", "تحذير تنبيه"], ["ℹ️", "info", "معلومة"],
    ["❓", "question", "سؤال"], ["❗", "important", "مهم"], ["⏰", "clock time alarm", "ساعة وقت موعد"],
    ["⏳", "wait hourglass", "انتظار"], ["📅", "date calendar", "موعد تاريخ"], ["📍", "place location", "مكان موقع"],
    ["📞", "phone call", "هاتف اتصال"], ["📱", "mobile phone", "جوال"], ["📧", "mail email", "بريد"],
    ["💬", "message chat", "رسالة محادثة"], ["📦", "parcel box", "طرد شحنة"], ["🚚", "delivery truck", "توصيل شاحنة"],
    ["💳", "card pay", "بطاقة دفع"], ["🧾", "bill receipt", "فاتورة"], ["💰", "money refund", "مال استرداد"],
    ["🔧", "fix tool", "إصلاح أداة"], ["🛠️", "repair tools", "صيانة"], ["🔒", "lock private", "قفل خاص"],
    ["🔑", "key password", "مفتاح"], ["📶", "signal network", "شبكة إشارة"], ["💡", "idea light", "فكرة كهرباء"],
    ["🏠", "home house", "بيت منزل"], ["😇", "kind angel", "لطيف ملاك"], ["😎", "cool great", "رائع"],
    ["🥰", "adore love", "محبة ود"], ["😭", "sob weep", "بكاء شديد"], ["😡", "angry", "غضب غاضب"],
    ["🤦", "facepalm oops", "خطأ حرج"], ["🙇", "bow apology sorry", "اعتذار أسف"], ["🤲", "prayer hands", "دعاء"],
    ["🫶", "care hands love", "محبة عناية"], ["💐", "bouquet flowers", "باقة ورد"],
    ["💯", "hundred perfect", "تمام مئة"], ["👌", "ok fine", "تمام حسنا"], ["☕", "coffee", "قهوة"],
    ["🌴", "palm", "نخلة"], ["🕌", "mosque", "مسجد"], ["🎫", "ticket", "تذكرة"], ["💻", "computer laptop", "حاسوب"],
    ["📺", "television tv", "تلفاز"], ["🔋", "battery", "بطارية"], ["🔌", "plug power", "كهرباء قابس"],
    ["📷", "camera picture", "صورة كاميرا"], ["📎", "attachment clip", "مرفق"], ["🔗", "link", "رابط"],
    ["🔄", "again refresh", "تحديث إعادة"], ["🆕", "new", "جديد"], ["✈️", "flight travel", "طائرة سفر"],
    ["🚗", "car", "سيارة"], ["🏦", "bank", "بنك مصرف"], ["🏥", "hospital health", "مستشفى صحة"],
    ["🩺", "doctor health", "طبيب فحص"],
  ];

  /* Letters that are typed in several ways are one: alef, ya, ta marbuta, and marks are none. */
  const fold = (words) => words.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f\u0640\u064b-\u065f\u0670]/g, "")
    .replace(/[أإآٱ]/g, "ا").replace(/ى/g, "ي").replace(/ة/g, "ه");
  const folded = ALL.map((one) => fold(`${one[1]} ${one[2]}`).split(" "));
  const used = () => (memory.get("emoji") || "").split(" ").filter(Boolean);

  /* Every word of the question begins one of its words. Without a question all of them, those used last first. */
  const find = (query) => {
    const asked = fold(query).split(/\s+/).filter(Boolean);
    if (asked.length) return ALL.filter((_one, place) => asked.every((word) => folded[place].some((known) => known.startsWith(word))));
    const last = used().map((sign) => ALL.find((one) => one[0] === sign)).filter(Boolean);
    return [...last, ...ALL.filter((one) => !last.includes(one))];
  };
  radd.emoji = {
    find,
    /* In the language of the page. */
    name: (one) => one[document.documentElement.lang === "ar" ? 2 : 1],
    use: (sign) => memory.set("emoji", [sign, ...used().filter((other) => other !== sign)].slice(0, KEPT).join(" ")),
  };
})();
