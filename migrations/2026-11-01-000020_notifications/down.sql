DROP TABLE notifications, mails;
